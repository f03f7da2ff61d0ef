"""Which of several summaries of an article a desk would print: figures of each, and a linear model over them."""
