"""What a column's heading says: what it may give, in which unit, which zone and which order of dates. No database.

A heading is understood as a whole or not at all: `Fat mass` is no weight, `Target systolic` no reading.
"""

import re
import unicodedata
from dataclasses import dataclass
from functools import lru_cache

from intake.fields import FIELDS
from monitoring.files import meanings as m
from monitoring.files import units

LONGEST = 60
WHEN = "when"  # a moment, a date or a time: what it is, its cells say
# Words beside the name of a measure that change nothing.
_FILLERS = m.words(
    "value values reading readings measurement measured result level historic scan strip raw avg1"
    " wert valeur valor your my patient user rate1 display"
)
_PHRASES = {
    m.SYSTOLIC: "sys syst systolic systole systolisch systolicbloodpressure bloodpressuresystolic systolicbp bpsystolic"
    " bpsys sysbp sbp systolicpressure systolischerdruck systolischerblutdruck blutdrucksystolisch systolique"
    " pressionsystolique tensionsystolique sistolica presionsistolica sistolico oberwert systolischerwert"
    " highpressure highbloodpressure upperpressure",
    m.DIASTOLIC: "dia diast diastolic diastole diastolisch diastolicbloodpressure bloodpressurediastolic diastolicbp"
    " bpdiastolic bpdia diabp dbp diastolicpressure diastolischerdruck diastolischerblutdruck blutdruckdiastolisch"
    " diastolique pressiondiastolique tensiondiastolique diastolica presiondiastolica diastolico unterwert"
    " diastolischerwert lowpressure lowbloodpressure lowerpressure",
    m.PRESSURE: "bp bloodpressure blutdruck sysdia systolicdiastolic bpsysdia nibp tensionarterielle presionarterial"
    " pressionarterielle",
    m.RATE: "pulse pul puls pulserate pulsrate heartrate hr pr bpm heartbeat herzfrequenz frequencecardiaque"
    " frecuenciacardiaca pulso pouls ritmocardiaco heartbeats heartratebpm",
    m.GLUCOSE: "glucose bloodglucose bg bloodsugar sugar sensorglucose glucosesensor glukose blutzucker blutglukose"
    " glykemie glycemie glucemia glucosa glucosasangre smbg egv historicglucose scanglucose"
    " stripglucose bz bzwert blutzuckerwert glukosewert glukosewertverlauf glukosescan glukosemessstreifen",
    m.WEIGHT: "weight bodyweight wt gewicht korpergewicht koerpergewicht poids peso pesocorporal bodymass"
    " weightbodymass",
    m.SPO2: "spo2 sp02 oxygensaturation bloodoxygensaturation bloodoxygen o2sat o2saturation o2 sao2 oxygen"
    " pulseox osat"
    " sauerstoffsattigung sauerstoffsaettigung saturation saturationo2 saturationenoxygene saturaciondeoxigeno"
    " saturacion",
    m.TEMPERATURE: "temperature temp bodytemperature bodytemp temperatur korpertemperatur koerpertemperatur"
    " temperatura",
    m.RESPIRATION: "respiratoryrate resprate rr respirationrate respiration breathingrate atemfrequenz"
    " frequencerespiratoire frecuenciarespiratoria",
    m.MEASURE: "measure metric measurementtype readingtype vital vitalsign vitaltype datatype observationtype parameter"
    " test testname loinc loinccode analyte vitals observation measurementname observationcode observationname",
    m.VALUE: "value result reading measurementvalue readingvalue resultvalue primaryvalue quantity value1"
    " observationvalue"
    " wert messwert valeur valor numericvalue amount ergebnis messergebnis resultat resultado",
    m.SECOND: "value2 secondvalue secondaryvalue secondreading",
    m.UNIT: "unit units uom einheit unite unites unidad unidades measurementunit unitofmeasure valueunit resultunit",
    m.ZONE: "timezone tz utcoffset timezoneoffset timeoffset gmtoffset offset zeitzone zonahoraria fuseauhoraire"
    " devicetimezone localtimezone tzoffset",
    m.KIND: "recordtype eventtype rowtype entrykind event recordkind aufzeichnungstyp testtype sampletype resulttype",
    m.SOURCE: "source entrytype entrymethod inputmethod inputtype entrymode inputsource datasource readingsource"
    " measurementmode manual ismanual manualentry manuallyentered enteredmanually manualinput manualreading"
    " wasuserentered hkwasuserentered hkmetadatakeywasuserentered userentered isuserentered manuell"
    " manuelleeingabe saisiemanuelle"
    " entradamanual automatic isautomatic automatisch",
    m.MRN: " ".join(sorted(FIELDS["mrn"].guesses)),
}  # fmt: skip
# Of such a column's yes and no.
_ASKS_AUTOMATIC = m.words("automatic isautomatic automatisch")
# Who of a household pressed the button.
PEOPLE = m.words(
    "user userid username usernumber userno person profile profilename member memory memorybank benutzer benutzername"
    " nutzer profil utilisateur usuario perfil"
)
# What these give, their cells say: which measure, or which kind of line.
WEAK = m.words("type category kategorie name code description item data kind art typ tipo mode dataname")
# The best first: of two columns that could be it, the one in the earlier list.
_SERIALS = (
    "serial serialnumber serialno serialnum deviceserial deviceserialnumber deviceserialno sn devicesn metersn"
    " meterserial"
    " meterserialnumber monitorserial monitorserialnumber seriennummer geratenummer geraetenummer numerodeserie"
    " numeroserie sensorserial scaleserial cuffserial transmitterserialnumber",
    "imei deviceimei imeinumber",
    "deviceid deviceidentifier deviceno devicenumber meterid monitorid hwi hwid hardwareid hardwareuuid thingid"
    " deviceuid hwiid",
    "mac macaddress devicemac bluetoothaddress",
    "device gateid gatewayid hubid hubserial gatewayserial",
)
# `Device` is the name of a model as often as a number: it is taken only where a device of the practice stands in it.
UNSURE_SERIAL = len(_SERIALS) - 1
_WHENS = (
    "devicetimestamp devicetime measurementtimestamp measurementtime measurementdatetime measurementdate measuredat"
    " measuredon measuredatutc measurementdateandtime dateofmeasurement timeofmeasurement timemeasured datemeasured"
    " readingtimestamp readingtime readingdatetime readingdate readingdateandtime dateofreading timeofreading takenat"
    " takenon datetaken timetaken testedat testtime testdate testdatetime observedat observationtime observationdate"
    " observationdatetime effectivedatetime effectivedate startdate starttime startdatetime capturedat messzeitpunkt"
    " messzeit messdatum datumdermessung zeitdermessung fechadelamedicion fechademedicion horademedicion datedemesure"
    " geratezeitstempel heuredemesure measuretime measuredate glucosetimestamp eventdatetime eventtime"
    " eventdate eventtimestamp",
    "datetime dateandtime timestamp ts date time timeofday formattedtimestamp localtime localdate"
    " localdatetime localtimestamp"
    " datetimelocal recordedat recordedon recordtime recorddate recordedtime recordeddate daterecorded timerecorded"
    " unixtime epoch epochtime epochms unixtimestamp when day clock logdate logtime datumzeit datumuhrzeit"
    " datumunduhrzeit zeitstempel datum zeit uhrzeit tag fechayhora fechahora fecha hora dateetheure"
    " dateheure horodatage"
    " heure jour timestamputc utctime utctimestamp utcdatetime datetimeutc",
)
_EXACT = {phrase: meaning for meaning, phrases in _PHRASES.items() for phrase in phrases.split()}
_RANKED = {
    phrase: (meaning, rank)
    for meaning, lists in ((m.SERIAL, _SERIALS), (WHEN, _WHENS))
    for rank, phrases in enumerate(lists)
    for phrase in phrases.split()
}
# `com.vendor.blood_pressure.start_time`
_PREFIX = re.compile(r"^(?:\w+\.){2,}(?=\w)")
_BRACKETS = re.compile(r"[(\[]([^()\[\]]*(?:\[[^\]]*\])?[^()\[\]]*)[)\]]")
# `(UTC-05:00)`, `(EST)`, `(America/New_York)`
_ZONES = re.compile(r"(?:utc|gmt)?\s?[+-]\d{1,2}(?::?\d{2})?|[pmceahp]k?[sdt]{1,2}|cest|[a-z]+/[a-z_]+")
# In brackets behind a heading, and no part of its name.
_REMARK = re.compile(
    r"[hmsdyjta:./ -]*h[hmsdyjta:./ -]*|local( time)?|device time|24-?h(our)?|optional|required"
)
_PATTERNS = (
    (re.compile(r"\bd{1,2}[-/. ]m{1,3}[-/. ]y{2,4}\b|\bt{2}[.]m{2}[.]j{2,4}\b|\bjj/mm/aaaa\b|\bdd/mm/aaaa\b"), "dmy"),
    (re.compile(r"\bm{1,2}[-/. ]d{1,2}[-/. ]y{2,4}\b"), "mdy"),
    (re.compile(r"\by{2,4}[-/. ]m{1,2}[-/. ]d{1,2}"), "ymd"),
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Heading:
    """`meaning`: of `meanings`, or WHEN, or nothing. `rank`: the lower, the better it fits.

    `zone`: another one than UTC that it names, as it writes it.
    """

    meaning: str = ""
    unit: str = ""
    order: str = ""
    utc: bool = False
    rank: int = 0
    zone: str = ""


def key(heading: str) -> str:
    """A heading as shapes of files are compared: small letters and digits alone, with signs that make a unit."""
    return re.sub(r"[^\w%/°]+", "", _plain(heading)).replace("_", "")[:LONGEST]


def source_asked(heading: str) -> str:
    """`typed` of a heading that asks whether a value was typed, `automatic` of one that asks the opposite."""
    plain = re.sub(r"^metadata", "", "".join(_words(heading)))
    if plain in _ASKS_AUTOMATIC:
        return "automatic"
    asks = (
        "manual" in plain
        or "userentered" in plain
        or plain in {"manuell", "manuelleeingabe", "saisiemanuelle"}
    )
    return "typed" if asks and _named(plain)[0] == m.SOURCE else ""


@lru_cache(maxsize=4096)
def understood(heading: str) -> Heading:
    if measure := units.only_of(units.known(heading)):
        return Heading(measure, units.known(heading))
    text, unit, order, utc = _without_brackets(_PREFIX.sub("", heading))
    words = _words(text)
    if not unit and text.rstrip().endswith("%"):
        unit = "%"
    if not unit:
        unit, count = units.as_last_words(words)
        words = words[:-count] if count else words
        # `Gewicht in kg`
        words = words[:-1] if count and len(words) > 1 and words[-1] in {"in", "en"} else words
    elif not utc and words and words[-1] in {"utc", "gmt"}:
        words, utc = words[:-1], True
    if len(words) > 1 and words[-1] in {"utc", "gmt"}:
        words, utc = words[:-1], True
    if words and words[-1] in {"f", "c"} and _named("".join(words[:-1]))[0] == m.TEMPERATURE:
        unit, words = units.known(words[-1]), words[:-1]
    meaning, rank = _meaning(words)
    zone = _zone(heading) if meaning == WHEN else ""
    return Heading(meaning, unit, order, utc, rank, zone) if meaning in {*m.LABELS, WHEN} else Heading()


def _zone(heading: str) -> str:
    return next(
        (found[1] for found in _BRACKETS.finditer(heading) if _ZONES.fullmatch(found[1].casefold())), ""
    )


def _meaning(words: list[str]) -> tuple[str, int]:
    found = _named("".join(words))
    if found[0]:
        return found
    if {"serial", "imei"} & set(words):
        return m.SERIAL, 1
    fewer = [word for word in words if word not in _FILLERS]
    meaning, _ = _named("".join(fewer))
    return (meaning, 1) if meaning in m.MEASURES else ("", 0)


def _named(phrase: str) -> tuple[str, int]:
    return _RANKED.get(phrase) or (_EXACT.get(phrase, ""), 0)


def _without_brackets(heading: str) -> tuple[str, str, str, bool]:
    """The heading without what stands in brackets where that is a unit, a zone or a pattern of dates."""
    unit, order, utc, text = "", "", False, heading
    for found in _BRACKETS.finditer(heading):
        inner = found[1].strip()
        as_unit, as_order, as_utc = units.known(inner), _order(inner), inner.casefold() in {"utc", "gmt", "z"}
        if (
            as_unit
            or as_order
            or as_utc
            or _REMARK.fullmatch(inner.casefold())
            or _ZONES.fullmatch(inner.casefold())
        ):
            text = text.replace(found[0], " ")
        unit, order, utc = unit or as_unit, order or as_order, utc or as_utc
    return text, unit, order, utc


def _order(text: str) -> str:
    return next((order for form, order in _PATTERNS if form.search(text.casefold())), "")


def _words(text: str) -> list[str]:
    """`formattedTimestamp` → formatted, timestamp; `Datum - Zeit` → datum, zeit; `SpO₂` → spo2."""
    apart = re.sub(r"(?<=[a-z])(?=[A-Z][a-z]{2})", " ", text)
    return re.findall(r"[a-z0-9]+", re.sub(r"[_\W]+", " ", _plain(apart)))


def _plain(text: str) -> str:
    flat = unicodedata.normalize("NFKD", text.casefold().replace("ß", "ss"))
    return "".join(sign for sign in flat if not unicodedata.combining(sign))
