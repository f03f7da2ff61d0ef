"""Make and measure the models that the toolkit uses."""
