"""wenzhai: read, label and summarize Chinese local news."""
