"""How fast: ratios to a floor measured in the same run, never seconds (``make bench``)."""
