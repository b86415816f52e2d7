"""Who can see or edit what in Confluence, why, and who changed it when."""
