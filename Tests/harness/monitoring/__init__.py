"""Tests the files for Prometheus and Grafana with the metrics that the binary writes."""
