from foundation.context import because


def test_a_person_without_a_role_today_can_still_sign_out(client, cast):
    with because("left the practice"):
        cast.rosa.ends_on = cast.practice.today()
        cast.rosa.save()
    client.force_login(cast.rosa.user)
    assert client.get("/patients/").status_code == 403
    assert client.post("/sign-out/").status_code == 303
    assert "_auth_user_id" not in client.session
