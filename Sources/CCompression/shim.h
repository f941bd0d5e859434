#include <bzlib.h>
#include <lz4frame.h>
#include <lzma.h>
#include <stddef.h>
#include <zlib.h>
#include <zstd.h>
