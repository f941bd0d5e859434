"""Tests every command on a kernel that lacks system calls, and on other restricted machines."""
