"""The articles, sentence by sentence, as a client meets them over HTTP."""
