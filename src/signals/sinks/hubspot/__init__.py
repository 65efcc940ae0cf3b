"""HubSpot: the company by organization id, one task per signal."""
