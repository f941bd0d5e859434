"""Tests of those who call the tool: SSH keys, CI workflows, the system log and terminals."""
