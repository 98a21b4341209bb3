from uuid import uuid4

from django.urls import reverse

from audit.models import AccessEvent


def test_a_chart_shown_with_an_error_was_seen_all_the_same(client, cast):
    client.force_login(cast.rosa.user)
    address = reverse("timelogs:session_past", args=[cast.jane.pk])
    answer = client.post(address, {"operation_id": uuid4(), "minutes": "not a time"})
    assert answer.status_code == 422
    seen = AccessEvent.objects.get(patient_id=cast.jane.pk)
    assert (seen.actor_id, seen.route) == (cast.rosa.user_id, "timelogs:session_past")
