"""The pages of the standards: official wording, what is published of the mapping, licence and attribution."""
