"""The practice's policies as a page, a form and a change."""
