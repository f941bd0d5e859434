"""Tests of the packages in root directories that have nothing else."""
