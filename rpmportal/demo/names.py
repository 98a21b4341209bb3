"""Invented names: nobody is called Demo-Something."""

FAMILIES = (
    "Aster", "Badger", "Bluebell", "Brook", "Buttercup", "Canyon", "Clover", "Cobalt", "Comet",
    "Coral", "Crane", "Crocus", "Dahlia", "Dove", "Dune", "Falcon", "Fern", "Finch", "Ginger",
    "Granite", "Harbor", "Heather", "Heron", "Iris", "Ivory", "Jasper", "Lake", "Lark", "Lavender",
    "Lily", "Marble", "Meadow", "Mint", "Moss", "Nutmeg", "Ocean", "Onyx", "Orchid", "Otter", "Owl",
    "Pebble", "Peony", "Plover", "Poppy", "Quartz", "Quill", "Raven", "Reed", "Robin", "Rose",
    "Saffron", "Sage", "Sparrow", "Swallow", "Thistle", "Thyme", "Topaz", "Tulip", "Valley",
    "Violet", "Wren", "Zinnia",
)  # fmt: skip
WOMEN = (
    "Abigail", "Beatrice", "Carmen", "Delia", "Edith", "Fay", "Greta", "Hazel", "Ines", "Joyce",
    "Kiri", "Lorna", "Mabel", "Nadia", "Opal", "Petra", "Quinn", "Ruth", "Selma", "Tess", "Una",
    "Vera", "Wilma", "Yoko", "Zora",
)  # fmt: skip
MEN = (
    "Abel", "Boris", "Cyrus", "Dexter", "Edgar", "Felix", "Gus", "Hiro", "Ivan", "Jonas", "Karl",
    "Leo", "Milo", "Ned", "Otis", "Pablo", "Quincy", "Ravi", "Silas", "Theo", "Ugo", "Victor",
    "Wade", "Yusuf", "Zeno",
)  # fmt: skip
GIVEN = {"F": WOMEN, "M": MEN}
