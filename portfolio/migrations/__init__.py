"""Changes of the database, in order. They never import the application: a migration outlives its code."""
