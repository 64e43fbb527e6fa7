"""What every result shows where no script runs: a file for each, beside those of js/src/views."""
