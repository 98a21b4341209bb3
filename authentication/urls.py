from django.urls import path, register_converter

from authentication.links import ResetTokenConverter
from authentication.views import own, reset, sign_in

register_converter(ResetTokenConverter, "reset")

app_name = "authentication"
urlpatterns = [
    path("sign-in/", sign_in.sign_in, name="sign_in"),
    path("sign-in/second/", sign_in.second_factor, name="second_factor"),
    path("sign-in/set-up/", sign_in.set_up, name="set_up"),
    path("sign-in/passkey/", sign_in.passkey, name="passkey"),
    path("sign-in/passkey/options/", sign_in.passkey_options, name="passkey_options"),
    path("sign-in/passkey/new/", sign_in.passkey_new_options, name="passkey_new_options"),
    path("sign-in/forgotten/", reset.forgotten, name="forgotten"),
    path("sign-in/reset/<reset:token>/", reset.reset, name="reset"),
    path("sign-in/choose/", reset.choose_password, name="choose_password"),
    path("sign-out/", sign_in.sign_out, name="sign_out"),
    path("security/", own.security, name="security"),
    path("security/password/", own.password_change, name="password_change"),
    path("security/factors/new/", own.factor_add, name="factor_add"),
    path("security/factors/<uuid:factor_id>/remove/", own.factor_remove, name="factor_remove"),
    path("security/recovery-codes/", own.recovery_codes, name="recovery_codes"),
    path("security/sessions/<int:session_id>/end/", own.session_end, name="session_end"),
    path("security/sessions/end/", own.sessions_end, name="sessions_end"),
]
