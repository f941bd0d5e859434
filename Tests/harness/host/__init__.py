"""Tests of the package on a booted systemd, with a real uvicorn and a real sshd."""
