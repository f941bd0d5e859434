"""Tests of the Ansible collection on five hosts: all get the release, or all keep the old one."""
