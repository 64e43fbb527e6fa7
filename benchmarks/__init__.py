"""What is claimed about speed, as ratios against a floor measured in the same run: `make benchmarks`."""
