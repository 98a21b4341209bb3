"""Codes of others that monitoring of the same patient meets, under short labels of our own."""

RPM = {
    "99453": "set-up and teaching",
    "99445": "device, 2 to 15 days",
    "99454": "device, 16 days or more",
    "99470": "time, 10 to 19 min",
    "99457": "time, first 20 min",
    "99458": "time, each further 20 min",
    "99091": "data review by a physician or QHP, 30 min",
}
# Of a 30-day period, as the device codes of remote monitoring are.
RTM_DEVICE = {
    "98975": "therapy monitoring, set-up",
    **dict.fromkeys(("98976", "98977", "98978"), "therapy monitoring, device, 16 days or more"),
    **dict.fromkeys(("98984", "98985", "98986"), "therapy monitoring, device, 2 to 15 days"),
}
RTM = RTM_DEVICE | {
    "98979": "therapy monitoring, time, 10 to 19 min",
    "98980": "therapy monitoring, time, first 20 min",
    "98981": "therapy monitoring, time, each further 20 min",
}
SMBP = {
    "99473": "self-measured blood pressure, teaching",
    "99474": "self-measured blood pressure, review",
}
LABELS = RPM | RTM | SMBP

# (codes, what they are): what stands beside the field in which a code is typed.
THAT_MATTER = (
    ("98975–98981, 98984–98986", "therapy monitoring (RTM), whoever bills it"),
    ("99473, 99474", "self-measured blood pressure, whoever bills it"),
    ("99453, 99445, 99454", "set-up and devices of remote monitoring elsewhere"),
    ("99470, 99457, 99458", "time of remote monitoring elsewhere"),
    ("99091", "data review by a physician or QHP elsewhere"),
)
