"""Whom we care for, with what permission, by which plan, with which devices."""

from patients.models.attachments import Attachment, AttachmentKind, ContentType
from patients.models.circumstances import (
    BilledBy,
    InstitutionStay,
    OfficeVisit,
    OtherService,
    StayKind,
    SurgicalGlobal,
)
from patients.models.devices import (
    MEASURES,
    UNITS,
    Device,
    DeviceAssignment,
    DeviceKind,
    Measure,
)
from patients.models.enrollments import CarePlan, Consent, ConsentMethod, Diagnosis, Enrollment, Order
from patients.models.merges import Merge, TwoPeople
from patients.models.patients import Coverage, Patient, Sex
from patients.models.plan_content import PLAN_CONTENT, PLAN_TARGETS, PLAN_TEXTS, VITALS, PlanContent, Vital
from patients.models.ranges import BOUNDS, CRITICAL, Bounds, RangeTemplate, TargetRange
from patients.models.signatures import (
    PaperKind,
    RequestState,
    SignatureKind,
    SignatureRequest,
    SignedPaper,
)
from patients.models.sites import PatientSite, Site

__all__ = [
    "Attachment",
    "AttachmentKind",
    "ContentType",
    "PaperKind",
    "PatientSite",
    "Site",
    "RequestState",
    "SignatureKind",
    "SignatureRequest",
    "SignedPaper",
    "BilledBy",
    "InstitutionStay",
    "OfficeVisit",
    "OtherService",
    "StayKind",
    "SurgicalGlobal",
    "MEASURES",
    "UNITS",
    "Device",
    "DeviceAssignment",
    "DeviceKind",
    "Measure",
    "BOUNDS",
    "CRITICAL",
    "Bounds",
    "RangeTemplate",
    "TargetRange",
    "CarePlan",
    "PLAN_CONTENT",
    "PLAN_TARGETS",
    "PLAN_TEXTS",
    "VITALS",
    "PlanContent",
    "Vital",
    "Consent",
    "ConsentMethod",
    "Diagnosis",
    "Enrollment",
    "Order",
    "Coverage",
    "Merge",
    "TwoPeople",
    "Patient",
    "Sex",
]
