"""The provider's assessor decides what each piece shows, and signs items off."""
