"""Archives of many makers, each unpacked by `releases` and by the program that is usual for it."""
