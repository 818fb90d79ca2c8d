"""Parts of a file are covered for good by its owner, page after page; what lay below is kept nowhere."""
