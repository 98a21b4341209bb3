"""The shape of cellular devices: one measurement a message, by IMEI, in milliseconds, pounds and mmHg. What a device
says of itself (battery, signal, model) is passed over."""

from typing import Any

from interchange.hubs.adapter import Adapter, Value, adapter, from_ms, incoming, needed
from interchange.hubs.body import Malformed
from patients.models import Measure

# What a message of each type says: the property, the measure, its unit, and the property of the second number.
_TYPES = {
    "bp": (
        ("systolic", Measure.BLOOD_PRESSURE, "mm[Hg]", "diastolic"),
        ("pulse", Measure.HEART_RATE, "/min", ""),
    ),
    "weight": (("pounds", Measure.WEIGHT, "[lb_av]", ""),),
    "glucose": (("mgdl", Measure.GLUCOSE, "mg/dL", ""),),
    "spo2": (("percent", Measure.SPO2, "%", ""), ("pulse", Measure.HEART_RATE, "/min", "")),
}


@adapter
class Cellular(Adapter):
    slug, label = "cellular", "Cellular devices (IMEI, milliseconds, pounds)"

    def message_id(self, body: dict[str, Any]) -> str:
        return needed(body, "messageId") if "messageId" in body else ""

    def readings(self, body: dict[str, Any]) -> list[Value]:
        said = _TYPES.get(needed(body, "type"))
        if said is None:
            raise Malformed(f"The type must be one of {', '.join(_TYPES)}.", "type")
        values = body.get("values")
        if not isinstance(values, dict):
            raise Malformed("This property must be an object.", "values")
        imei, taken_at = needed(body, "imei"), from_ms(body.get("ts"))
        return [
            incoming(
                f"values.{name}",
                measure=measure,
                value=values.get(name),
                second_value=values.get(second, "") if second else None,
                unit=unit,
                taken_at=taken_at,
                serial=imei,
            )
            for place, (name, measure, unit, second) in enumerate(said)
            if place == 0 or values.get(name) is not None
        ]
