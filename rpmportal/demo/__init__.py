"""The demo practice: invented people with months of believable readings, sessions and claims, the same for the
same arguments. `build.load` makes it; `scenes.SCENES` lists the patients of whom each shows one thing."""
