"""The built-in summarizer: it points at words of the article, one after another, and so copies it in runs."""
