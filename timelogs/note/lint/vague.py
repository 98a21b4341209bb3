"""Fields that say nothing by themselves: every word of them would fit any patient on any day."""

import re
from collections.abc import Iterator

from timelogs.note.lint.shapes import Defect, Kind, LintNote

# A field is vague when it holds no word but these. One word of substance, or a number that is not minutes, is enough
# for it not to be: whether it is enough for a reviewer is not for a list of words to say.
_WORDS = """
a an the and or as at by for from in is of on per so than that this to was were with will be been being are am
it its i me my we us our you she he her him his they them their who there here have has had do does did done
patient patients pt pts client member
well fine good great ok okay alright stable steady unremarkable normal wnl nl same usual better
unchanged satisfactory appropriate adequate compliant adherent asymptomatic baseline
no not none nothing any new further other acute current currently ongoing general overall clinically remains remain
remained still continues continue continued continuing cont con't doing feels feel feeling seems appears
issues issue concerns concern problems problem complaints complaint changes change changed questions question
needed needs need necessary required reported noted report reports
monitor monitored monitoring observe watch follow followed following follows f/u up check checked checks checkin in
review reviewed reviewing reviews assess assessed discussed discussion discuss addressed updated update
data readings reading vitals vital signs values numbers results trends trend status condition
bp blood pressure plan plans care tx treatment regimen management manage managed
rpm rtm remote physiologic telemonitoring program service services coordination coordinated
education educated educate counseling counseled counselled provided given support teaching reinforced
call called calls phone contact contacted visit session encounter note documentation documented
complete completed performed made routine monthly weekly daily regular standard
time today now yet before previously above previous prior everything all things thing something
minutes minute mins min total spent
look looks looking keep kept keeping good nice nicely work job excellent positive progress progressing trending happy
pleased satisfied pleasant consistent controlled control within limits maintained maintain distress apparent
reach reached out available help assist encouraged encouragement reassured reassurance understanding understands
med meds medication medications medicine medicines tolerating tolerates tolerated compliance adherence w w/o without
point next soon later time times week month schedule scheduled regularly state health situation course
about after again alone along already always another anything around away back bad because best both but came can come
comes could course carry different each either else end enough even ever every evidently far few find findings finding
found get gets getting give gives go goes going gone got happening happened has how however if indeed instead into
involved just keeps know known last later least less let like likely little long lot lots made make makes making
many matter matters may maybe mean means mention mentioned might more most must name near never nobody
noteworthy novel now obvious off often old once one ongoing only onward our out own particular past perfect possible
proceed proper pretty quo rather really recommend recommendation recommendations recommended regard regarding regards
right said saw say says seem seen sees set shall should show shows significant significantly simply since smooth
smoothly so some sort special started stay stays staying such sure take takes taken telehealth tell tells thank
then think thinks though thoughts through thus told too track tracking true two type under until unusual urgent
us use want wants way ways went what when where which while whole why willing wish worry worries worse would yet
alert aware active advised instructed answered addressed clinical medical medically healthy hanging coping
comfortable cooperative receptive engaged involved motivated pleasantly strong mood spirits thriving hello hi
yes n/a na nil see per protocol usual prn needed very much quite just also please thanks
"""
_EMPTY = frozenset(_WORDS.split())
_TOKEN = re.compile(r"\d+(?:[.,/]\d+)*(?P<min>[ -]?(?:minutes?|mins?)(?![a-z]))?|[a-z](?:[a-z'/]*[a-z])?")
_ASKS = {
    "data_note": "say what you saw in the readings.",
    "said": "add what the patient told you, in your words.",
    "action_detail": "say what was decided and why.",
}
_SHOWN = 60


def vague_defects(note: LintNote) -> Iterator[Defect]:
    """Each field whose whole content says nothing."""
    for field, text in note.texts.items():
        if says_nothing(text.plain):
            quote = text.typed.strip()[:_SHOWN]
            yield Defect(Kind.VAGUE, field, quote, f"“{quote}” says nothing by itself: {_ASKS[field]}")


def says_nothing(plain: str) -> bool:
    """Whether a text (in small letters) holds no word and no number that could be wrong of another patient."""
    return all(_is_empty(token) for token in _TOKEN.finditer(plain))


def _is_empty(token: re.Match) -> bool:
    return bool(token["min"]) or token.group() in _EMPTY
