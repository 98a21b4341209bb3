"""Hubs: vendors' clouds and gateways that send readings by themselves, each message signed. docs/devices.md says how
another one is added, docs/adr/0028 why it is so."""
