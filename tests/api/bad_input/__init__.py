"""Whatever comes in, the answer is a coded error that shows nothing of the inside, and nothing is changed."""
