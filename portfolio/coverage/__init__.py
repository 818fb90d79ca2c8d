"""The statement map, the duty list and the page of each item: what is covered, what is missing, why."""
