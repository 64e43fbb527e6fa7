"""Figures in a real browser, as every front end shows them."""
