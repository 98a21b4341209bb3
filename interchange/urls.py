from django.urls import path, re_path

from interchange.fhir.views import about, bundles, coverages, devices, observations, patients
from interchange.hl7 import views as hl7
from interchange.hubs import views as receiving
from interchange.views import hubs, integrations

app_name = "interchange"


def _both(address: str, view, name: str):
    """Clients of FHIR disagree whether an address ends with a slash."""
    return [path(address, view, name=name), path(f"{address}/", view, name=f"{name}_slash")]


urlpatterns = [
    path("integrations/", integrations.integrations, name="integrations"),
    path("integrations/tokens/new/", integrations.token_new, name="token_new"),
    path("integrations/tokens/shown/", integrations.token_shown, name="token_shown"),
    path("integrations/tokens/<uuid:token_id>/end/", integrations.token_end, name="token_end"),
    path("integrations/hubs/new/", hubs.hub_new, name="hub_new"),
    path("integrations/hubs/shown/", hubs.hub_shown, name="hub_shown"),
    path("integrations/hubs/<uuid:hub_id>/secret/", hubs.hub_secret, name="hub_secret"),
    path("integrations/hubs/<uuid:hub_id>/end/", hubs.hub_end, name="hub_end"),
    path("hubs/<slug:key>/", receiving.message, name="hub"),
    path("hl7/v2", hl7.message, name="hl7_v2"),
    *_both("fhir/metadata", about.metadata, "fhir_metadata"),
    *_both("fhir/Patient", patients.patients, "fhir_patients"),
    *_both("fhir/Patient/_search", patients.patients_search, "fhir_patients_search"),
    *_both("fhir/Patient/<uuid:patient_id>", patients.patient, "fhir_patient"),
    *_both("fhir/Coverage", coverages.coverages, "fhir_coverages"),
    *_both("fhir/Coverage/_search", coverages.coverages_search, "fhir_coverages_search"),
    *_both("fhir/Coverage/<uuid:coverage_id>", coverages.coverage, "fhir_coverage"),
    *_both("fhir/Observation", observations.observations, "fhir_observations"),
    *_both("fhir/Observation/_search", observations.observations_search, "fhir_observations_search"),
    *_both("fhir/Observation/<uuid:reading_id>", observations.observation, "fhir_observation"),
    *_both(
        "fhir/Observation/<uuid:reading_id>/_history",
        observations.observation_history,
        "fhir_observation_history",
    ),
    *_both(
        "fhir/Observation/<uuid:reading_id>/_history/<int:version>",
        observations.observation_version,
        "fhir_observation_version",
    ),
    *_both("fhir/Device", devices.devices, "fhir_devices"),
    *_both("fhir/Device/_search", devices.devices_search, "fhir_devices_search"),
    *_both("fhir/Device/<uuid:device_id>", devices.device, "fhir_device"),
    *_both("fhir", bundles.bundle, "fhir_bundle"),
    *_both("fhir/.well-known/smart-configuration", about.smart_configuration, "fhir_smart"),
    path(".well-known/smart-configuration", about.smart_configuration, name="smart"),
    re_path("^fhir/", about.nothing_here, name="fhir_nothing"),
]
