"""The competency frameworks that a provider may choose from: what every other part asks before it names a level."""
