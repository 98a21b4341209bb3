"""Files as devices, their apps and hubs export them, with made-up values: each with what must be read from it.

`serial`: given by hand where no column says whose readings these are. `asked`: the fields that are open, and what is
chosen for them. `readings`: `measure value[/second] local-time [serial]`; times in New York
where the file says no zone.
"""

from dataclasses import dataclass, field


@dataclass(frozen=True)
class Shape:
    name: str
    text: str
    readings: tuple[str, ...]
    asked: dict[str, str] = field(default_factory=dict)
    whose: bool = False  # no column says it
    encoding: str = "utf-8"
    left_out: tuple[int, ...] = ()
    wrong: tuple[str, ...] = ()
    serials: tuple[str, ...] = ()


TWO = (
    "blood_pressure 134/84 2026-03-03T07:14",
    "heart_rate 71 2026-03-03T07:14",
    "blood_pressure 129/79 2026-03-04T19:02",
    "heart_rate 68 2026-03-04T19:02",
)
SHAPES = (
    Shape(
        "cuff app, semicolons, quotes, units in the cells, German",
        '"Datum - Zeit";"Systole";"Diastole";"Puls";"Stimmung";"Notiz"\r\n'
        '"03.03.2026 - 07:14";"134 mmHg";"84 mmHg";"71 bpm";"0";"  "\r\n'
        '"04.03.2026 - 19:02";"129 mmHg";"79 mmHg";"68 bpm";"0";"  "\r\n',
        TWO,
        whose=True,
    ),
    Shape(
        "the same, the last quote is missing",
        '"Datum - Zeit";"Systole";"Diastole";"Puls"\n'
        '"03.03.2026 - 07:14";"134 mmHg";"84 mmHg";"71 bpm"\n'
        '"04.03.2026 - 19:02";"129 mmHg";"79 mmHg";"68 bpm\n',
        TWO[:2],
        whose=True,
        wrong=("Line 3, line: Has a quote that is not closed. Close it, or leave the line out",),
    ),
    Shape(
        "a quote is missing in the middle",
        '"Datum - Zeit";"Systole";"Diastole";"Puls"\n'
        '"03.03.2026 - 07:14";"134 mmHg";"84 mmHg";"71 bpm\n'
        '"04.03.2026 - 19:02";"129 mmHg";"79 mmHg";"68 bpm"\n',
        TWO[2:],
        whose=True,
        wrong=("Line 2, line: Has a quote that is not closed. Close it, or leave the line out",),
    ),
    Shape(
        "date and time in two columns",
        "Date,Time,Sys,Dia,Pul\n2026-03-03,07:14,134,84,71\n2026-03-04,19:02,129,79,68\n",
        TWO,
        whose=True,
    ),
    Shape(
        "local time, values with .0, a note",
        "formattedTimestamp,systolic,diastolic,pulse,notes,color\n"
        "2026-03-03 07:14:00,134,84,71,,\n2026-03-04 19:02:00,129.0,79.0,68.0,after coffee,\n",
        TWO,
        whose=True,
    ),
    Shape(
        "month names, AM and PM, units in the headings, dashes",
        "Date,Time,Systolic (mmHg),Diastolic (mmHg),Pulse (bpm),Symptoms,TruRead,Notes\n"
        '"Mar 3, 2026",07:14 AM,134,84,71,-,-,-\n"Mar 4, 2026",07:02 PM,129,79,68,-,-,-\n',
        TWO,
        whose=True,
    ),
    Shape(
        "glucose sensor: a title line, record types, historic and scanned",
        "Glucose Data,Generated on,03-05-2026 08:00 AM UTC\n"
        "Device,Serial Number,Device Timestamp,Record Type,Historic Glucose mg/dL,Scan Glucose mg/dL,Notes\n"
        "Reader,ABC123-45,03-03-2026 07:14 AM,0,134,,\nReader,ABC123-45,03-03-2026 07:29 AM,0,128,,\n"
        "Reader,ABC123-45,03-03-2026 07:40 AM,1,,131,\nReader,ABC123-45,03-03-2026 07:44 AM,6,,,Breakfast\n",
        (
            "glucose 134 2026-03-03T07:14 ABC123-45",
            "glucose 128 2026-03-03T07:29 ABC123-45",
            "glucose 131 2026-03-03T07:40 ABC123-45",
        ),
        left_out=(6,),
    ),
    Shape(
        "scale: byte-order mark, pounds, empty columns",
        '\ufeffDate,Weight (lb),Fat mass (lb),Comments\n"2026-03-03 07:14:00",187.4,,\n"2026-03-04 07:02:00",188.1,,\n',
        ("weight 85.00 2026-03-03T07:14", "weight 85.32 2026-03-04T07:02"),
        whose=True,
    ),
    Shape(
        "scale hub: epoch milliseconds, grams, IMEI",
        "imei;ts;unit;weight\n990000862471854;1772540040000;g;84950\n990000862471854;1772625720000;g;85310\n",
        (
            "weight 84.95 2026-03-03T07:14 990000862471854",
            "weight 85.31 2026-03-04T07:02 990000862471854",
        ),
    ),
    Shape(
        "sensor report: device settings above the readings, thresholds in the column of glucose",
        "Index,Timestamp (YYYY-MM-DDThh:mm:ss),Event Type,Event Subtype,Patient Info,Glucose Value (mg/dL),"
        "Transmitter ID\n"
        "1,,FirstName,,Jane,,\n2,,Device,,,,\n3,,Alert,Low,,70,\n"
        "4,2026-03-03T07:14:00,EGV,,,134,8ABC\n5,2026-03-03T07:19:00,EGV,,,High,8ABC\n"
        "6,2026-03-03T07:20:00,Calibration,,,140,8ABC\n7,2026-03-03T07:24:00,EGV,,,128,8ABC\n",
        ("glucose 134 2026-03-03T07:14", "glucose 128 2026-03-03T07:24"),
        whose=True,
        left_out=(2, 3, 4, 7),
        wrong=("Line 6, Glucose Value (mg/dL): Is “High”: beyond what the device can show. "
            "There is no number to take in",),
    ),
    Shape(
        "glucose sensor in mmol/L, decimal comma, German",
        "Gerät;Seriennummer;Gerätezeitstempel;Aufzeichnungstyp;Glukosewert-Verlauf mmol/L\n"
        "Reader;ABC;03.03.2026 07:14;0;7,4\nReader;ABC;13.03.2026 07:29;0;6,4\n",
        ("glucose 133.32 2026-03-03T07:14 ABC", "glucose 115.30 2026-03-13T07:29 ABC"),
    ),
    Shape(
        "blood pressure in one cell, day above twelve decides",
        "Measured at,Blood Pressure,Pulse\n03/04/2026 07:14,134/84,71\n03/14/2026 19:02,129 / 79 mmHg,68\n",
        (
            "blood_pressure 134/84 2026-03-04T07:14",
            "heart_rate 71 2026-03-04T07:14",
            "blood_pressure 129/79 2026-03-14T19:02",
            "heart_rate 68 2026-03-14T19:02",
        ),
        whose=True,
    ),
    Shape(
        "dates that can be two days",
        "Date/Time,SYS(mmHg),DIA(mmHg),PULSE(bpm)\n03/04/2026 07:14,134,84,71\n",
        ("blood_pressure 134/84 2026-04-03T07:14", "heart_rate 71 2026-04-03T07:14"),
        asked={"order": "dmy"},
        whose=True,
    ),
    Shape(
        "the heading says the order",
        "Date (DD/MM/YYYY),Time (HH:MM),SBP,DBP\n03/04/2026,07:14,134,84\n",
        ("blood_pressure 134/84 2026-04-03T07:14",),
        whose=True,
    ),
    Shape(
        "long: measure, value, unit",
        "Device ID,Taken At,Measure,Value,Unit\n"
        "H-1,2026-03-03T07:14:00-05:00,Systolic,134,mmHg\nH-1,2026-03-03T07:14:00-05:00,Diastolic,84,mmHg\n"
        "H-1,2026-03-03T07:14:00-05:00,Pulse,71,bpm\nH-1,2026-03-03T07:15:00-05:00,Weight,187.4,lbs\n"
        "H-1,2026-03-03T07:15:00-05:00,Body Fat,22,%\n",
        (
            "blood_pressure 134/84 2026-03-03T07:14 H-1",
            "heart_rate 71 2026-03-03T07:14 H-1",
            "weight 85.00 2026-03-03T07:15 H-1",
        ),
        left_out=(6,),
    ),
    Shape(
        "phone's health store",
        "sep=,\ntype,sourceName,sourceVersion,unit,creationDate,startDate,endDate,value\n"
        "HKQuantityTypeIdentifierBloodPressureSystolic,Cuff,1,mmHg,2026-03-03 07:20:00 -0500,2026-03-03 07:14:00 -0500,"
        "2026-03-03 07:14:00 -0500,134\n"
        "HKQuantityTypeIdentifierBloodPressureDiastolic,Cuff,1,mmHg,2026-03-03 07:20:00 -0500,"
        "2026-03-03 07:14:00 -0500,2026-03-03 07:14:00 -0500,84\n"
        "HKQuantityTypeIdentifierStepCount,Phone,1,count,2026-03-03 07:20:00 -0500,2026-03-03 07:14:00 -0500,"
        "2026-03-03 07:14:00 -0500,4200\n"
        "HKQuantityTypeIdentifierBodyMass,Scale,1,lb,2026-03-03 07:20:00 -0500,2026-03-03 07:16:00 -0500,"
        "2026-03-03 07:16:00 -0500,187.4\n",
        ("blood_pressure 134/84 2026-03-03T07:14", "weight 85.00 2026-03-03T07:16"),
        whose=True,
        left_out=(5,),
    ),
    Shape(
        "oximeter, tabs, UTF-16",
        "Time\tSpO2(%)\tPR(bpm)\tPI(%)\n2026/03/03 07:14:00\t96\t71\t4.2\n2026/03/03 07:14:04\t--\t--\t--\n",
        ("spo2 96 2026-03-03T07:14", "heart_rate 71 2026-03-03T07:14"),
        whose=True,
        encoding="utf-16",
        left_out=(3,),
    ),
    Shape(
        "oximeter, UTF-16 without a mark",
        "Date;Time;SpO₂ [%];Pulse [1/min]\n3-Mar-2026;7:14:00 AM;96;71\n",
        ("spo2 96 2026-03-03T07:14", "heart_rate 71 2026-03-03T07:14"),
        whose=True,
        encoding="utf-16-le",
    ),
    Shape(
        "thermometer, Fahrenheit, Windows-1252",
        "Date,Time,Temperature (°F)\n2026-03-03,07:14,98.6\n",
        ("temperature 37.00 2026-03-03T07:14",),
        whose=True,
        encoding="cp1252",
    ),
    Shape(
        "meter download: value and unit in one cell, UTC said in the heading",
        "Meter Serial Number|Timestamp (UTC)|Blood Glucose\n"
        "G-77|2026-03-03 12:14|134 mg/dL\nG-77|2026-03-04 12:02|6,4 mmol/L\n",
        ("glucose 134 2026-03-03T07:14 G-77", "glucose 115.30 2026-03-04T07:02 G-77"),
    ),
    Shape(
        "meter download: date, time, value with the unit in its heading, a summary above",
        "Patient:,Jane Demo\nMeter:,G-77\n\nDate,Time,Value (mg/dL),Meal,Entry Type\n"
        "03/13/2026,7:14 AM,134,Before,Meter\n03/14/2026,7:02 AM,128,After,Manual\n",
        ("glucose 134 2026-03-13T07:14", "glucose 128 2026-03-14T07:02 typed"),
        whose=True,
    ),
    Shape(
        "hub portal: MRN, ISO in UTC",
        "Patient ID,Patient Name,DOB,Reading Time,Systolic,Diastolic,Pulse,Irregular Heartbeat\n"
        'T-0001,"Doe, Jane",05/12/1948,2026-03-03T12:14:00Z,134,84,71,No\n',
        ("blood_pressure 134/84 2026-03-03T07:14 T-0001", "heart_rate 71 2026-03-03T07:14 T-0001"),
    ),
    Shape(
        "hub: epoch seconds, metrics by name",
        "hwi_id,timestamp,metric,value_1,value_2\nTV-1,1772540040,blood_pressure,134,84\nTV-1,1772540040,pulse,71,\n",
        ("blood_pressure 134/84 2026-03-03T07:14 TV-1", "heart_rate 71 2026-03-03T07:14 TV-1"),
    ),
    Shape(
        "scale without a unit: it is asked",
        "Date,Weight\n2026-03-03 07:14,187.4\n",
        ("weight 85.00 2026-03-03T07:14",),
        asked={"unit_1": "[lb_av]"},
        whose=True,
    ),
    Shape(
        "scale, kilograms, thousands of grams with a comma",
        "Serial No,Date and Time,Weight (g)\nS-1,March 3 2026 7:14 a.m.,\"84,950\"\n",
        ("weight 84.95 2026-03-03T07:14 S-1",),
    ),
    Shape(
        "scale, decimal comma, French",
        "Date;Heure;Poids (kg);Masse grasse (kg)\n3 mars 2026;7h14;85,32;19,1\n",
        ("weight 85.32 2026-03-03T07:14",),
        whose=True,
        encoding="latin-1",
    ),
    Shape(
        "cuff, Spanish",
        "Fecha;Hora;Sistólica (mmHg);Diastólica (mmHg);Pulso\n3 de marzo de 2026;07:14;134;84;71\n",
        TWO[:2],
        whose=True,
    ),
    Shape(
        "units in a line of their own below the headings",
        "Date,Time,SYS,DIA,PULSE,Weight\n,,mmHg,mmHg,bpm,lb\n2026-03-03,07:14,134,84,71,187.4\n",
        (*TWO[:2], "weight 85.00 2026-03-03T07:14"),
        whose=True,
    ),
    Shape(
        "a column of offsets",
        "Serial,Local Time,UTC Offset,Systolic,Diastolic\nC-1,2026-03-03 06:14,-06:00,134,84\n",
        ("blood_pressure 134/84 2026-03-03T07:14 C-1",),
    ),
    Shape(
        "a column of zones",
        "Serial,Local Time,Time Zone,Systolic,Diastolic\nC-1,2026-03-03 04:14,America/Los_Angeles,134,84\n",
        ("blood_pressure 134/84 2026-03-03T07:14 C-1",),
    ),
    Shape(
        "the device in a column with a strange heading, by a number that is known here",
        "Asset,When,Weight (kg)\nS-1,2026-03-03 07:14,85\n",
        ("weight 85.00 2026-03-03T07:14 S-1",),
        serials=("S-1",),
    ),
    Shape(
        "no header at all",
        "2026-03-03 07:14,134,84,71\n2026-03-04 19:02,129,79,68\n",
        TWO,
        asked={"column_1": "systolic", "column_2": "diastolic", "column_3": "heart_rate"},
        whose=True,
    ),
    Shape(
        "headings in a language that nobody here reads",
        "Czas;Skurczowe;Rozkurczowe;Tętno\n2026-03-03 07:14;134;84;71\n",
        TWO[:2],
        asked={"column_0": "moment", "column_1": "systolic", "column_2": "diastolic", "column_3": "heart_rate"},
        whose=True,
    ),
    Shape(
        "the column of values is named by its unit",
        "Date;Time;mg/dL;Temperature warning;Out of target\n14.03.2026;07:14;134;;\n",
        ("glucose 134 2026-03-14T07:14",),
        whose=True,
    ),
    Shape(
        "vitals of a visit, abbreviations, offsets of whole hours",
        "Recorded Date,Systolic BP,Diastolic BP,HR (bpm),O2 Sat (%),Wt (lbs),Temp (F),Resp Rate,BMI,Created At\n"
        "2026-03-03 12:14:00+00,134,84,71,96,187.4,98.6,16,27.1,2026-03-04 01:00:00+00\n",
        (
            *TWO[:2],
            "spo2 96 2026-03-03T07:14",
            "weight 85.00 2026-03-03T07:14",
            "temperature 37.00 2026-03-03T07:14",
            "respiratory_rate 16 2026-03-03T07:14",
        ),
        whose=True,
    ),
    Shape(
        "a zone in a column, a device's name that is no serial number",
        '"Date","Time Zone","Systolic (mmHg)","Diastolic (mmHg)","Pulse (bpm)","Device","Irregular heartbeat"\n'
        '"2026-03-03 07:14","America/New_York","134","84","71","Cuff 7","No"\n',
        TWO[:2],
        whose=True,
    ),
    Shape(
        "thermometer with signs of one character",
        "Date,Temp(℃)\n2026-03-03 7:14AM,36.8℃\n",
        ("temperature 36.80 2026-03-03T07:14",),
        whose=True,
    ),
    Shape(
        "a note over two lines, a separator at the end of each line",
        'Date,Time,Systolic,Diastolic,Notes,\n'
        '2026-03-03,07:14,134,84,"well\nslept, twice",\n2026-03-04,19:02,129,79,,\n',
        (TWO[0], TWO[2]),
        whose=True,
    ),
    Shape(
        "a decimal comma that moves the cells",
        "Date,Weight (kg),Note\n2026-03-03 07:14,85,3,tired\n2026-03-04 19:02,84,well\n",
        ("weight 84.00 2026-03-04T19:02",),
        whose=True,
        wrong=("Line 2, line: Has more cells than the header. Put values with the separator in quotes",),
    ),
    Shape(
        "an impossible pulse keeps the line out",
        "Date,Time,Systolic,Diastolic,Pulse\n2026-03-03,07:14,134,84,0\n2026-03-04,19:02,129,79,68\n",
        TWO[2:],
        whose=True,
        wrong=("Line 2, Pulse: Is not possible: 20 to 300 /min are. Check the value and its unit",),
    ),
    Shape(
        "hours that clocks skipped or showed twice",
        "Date,Weight (kg)\n2026-03-08 02:30,85\n2025-11-02 01:30,85\n2025-11-02T01:30-05:00,85\n",
        ("weight 85.00 2025-11-02T01:30",),
        whose=True,
        wrong=(
            "Line 2, Date: The clocks skipped 02:30 on 8 Mar 2026 there. Correct the time, or give it with its offset",
            "Line 3, Date: The clocks showed 01:30 on 2 Nov 2025 twice there. "
            "Give it with its offset, like 2025-11-02T01:30:00-04:00",
        ),
    ),
)  # fmt: skip
