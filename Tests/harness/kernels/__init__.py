"""Tests of the package under Debian's own kernels in virtual machines, and on aarch64."""
