"""Our devices as Devices of FHIR R4."""

from interchange.codes import MDC_DEVICES
from interchange.fhir.outcome import Json
from interchange.fhir.resources import serial_system
from patients.models import Device, DeviceKind

# The nomenclature of personal health devices, IEEE 11073-10101.
MDC = "urn:iso:std:iso:11073:10101"


def device_resource(device: Device, patient_id) -> Json:
    """`patient_id`: of who has it today, if anybody."""
    kind = DeviceKind(device.kind)
    found: Json = {
        "resourceType": "Device",
        "id": str(device.pk),
        "meta": {"versionId": str(device.version)},
        "identifier": [{"system": serial_system(), "value": device.serial}],
        "serialNumber": device.serial,
        "type": {"coding": [{"system": MDC, "code": MDC_DEVICES[kind]}], "text": kind.label},
    }
    if device.model_name:
        found["deviceName"] = [{"name": device.model_name, "type": "model-name"}]
    if patient_id:
        found["patient"] = {"reference": f"Patient/{patient_id}"}
    return found
