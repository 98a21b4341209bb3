"""Forms of signing in, and of one's own proofs."""

from unicodedata import normalize

from django import forms
from django.contrib.auth import authenticate
from django.contrib.auth.forms import AuthenticationForm
from django.contrib.auth.password_validation import validate_password


class SignInForm(AuthenticationForm):
    """E-mail and password. Paste and password managers are welcome."""

    username = forms.EmailField(
        label="E-mail",
        max_length=254,
        widget=forms.EmailInput(attrs={"autocomplete": "username", "autofocus": True}),
        error_messages={
            "required": "Enter your e-mail address.",
            "max_length": "Enter an e-mail address of at most 254 characters.",
            "invalid": "Enter an e-mail address, like name@practice.example.",
        },
    )
    password = forms.CharField(
        strip=False,
        max_length=1000,
        widget=forms.PasswordInput(attrs={"autocomplete": "current-password"}),
        error_messages={
            "required": "Enter your password.",
            "max_length": "Enter a password of at most 1,000 characters.",
        },
    )
    error_messages = {
        "invalid_login": "The e-mail address or the password is not right. Check both and try again.",
        "inactive": "The e-mail address or the password is not right. Check both and try again.",
    }

    def clean_username(self) -> str:
        """One account, one spelling: capitals must not buy five more tries."""
        return self.cleaned_data["username"].lower()


def _new_password(label: str) -> forms.CharField:
    return forms.CharField(
        label=label,
        strip=False,
        max_length=1000,
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
        error_messages={
            "required": "Enter the new password, twice.",
            "max_length": "Enter a password of at most 1,000 characters.",
        },
    )


class NewPasswordForm(forms.Form):
    """A password, typed twice, that is good enough for this person."""

    new_password = _new_password("New password")
    new_password_again = _new_password("New password, again")

    def __init__(self, *args, user, **kwargs):
        super().__init__(*args, **kwargs)
        self.user = user
        self.fields["new_password"].help_text = "At least 12 signs; several words are best."

    def clean(self):
        given = super().clean()
        first, second = given.get("new_password"), given.get("new_password_again")
        if first and second and first != second:
            self.add_error("new_password_again", "The two passwords differ. Enter the same one twice.")
        elif first and second:
            try:
                validate_password(first, self.user)
            except forms.ValidationError as error:
                self.add_error("new_password", error)
        return given


class OwnPasswordForm(NewPasswordForm):
    """The same by who is signed in, with her password of today."""

    password_today = forms.CharField(
        label="Your password of today",
        strip=False,
        max_length=1000,
        widget=forms.PasswordInput(attrs={"autocomplete": "current-password"}),
        error_messages={"required": "Enter your password of today."},
    )
    field_order = ["password_today", "new_password", "new_password_again"]

    def __init__(self, *args, request=None, **kwargs):
        super().__init__(*args, **kwargs)
        self.request = request

    def clean_password_today(self) -> str:
        """Counted like a sign-in, so that it cannot be guessed here either."""
        typed = self.cleaned_data["password_today"]
        if authenticate(self.request, username=self.user.email, password=typed) != self.user:
            raise forms.ValidationError("This is not your password of today. Enter it again.")
        return typed


class ResetForm(forms.Form):
    email = forms.EmailField(
        label="E-mail",
        max_length=254,
        widget=forms.EmailInput(attrs={"autocomplete": "username", "autofocus": True}),
        error_messages={
            "required": "Enter your e-mail address.",
            "max_length": "Enter an e-mail address of at most 254 characters.",
            "invalid": "Enter an e-mail address, like name@practice.example.",
        },
    )


class CodeForm(forms.Form):
    """Six digits of an app; where `recovery`, a recovery code too."""

    code = forms.CharField(
        max_length=40,
        widget=forms.TextInput(
            attrs={"autocomplete": "one-time-code", "autofocus": True, "spellcheck": "false"}
        ),
        error_messages={
            "required": "Enter the code.",
            "max_length": "Enter the six digits that the app shows, or one recovery code.",
        },
    )

    def __init__(self, *args, recovery: bool = True, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["code"].label = (
            "Code from your authenticator app, or a recovery code" if recovery else "Code that the app shows"
        )

    def clean_code(self) -> str:
        """Spaces between the digits, and full-width ones, are as good."""
        return "".join(normalize("NFKC", self.cleaned_data["code"]).split())


class PasskeyForm(forms.Form):
    """A name for it, and the browser's answer, which a script puts in."""

    name = forms.CharField(
        label="Name of the passkey",
        max_length=60,
        initial="Passkey",
        error_messages={
            "required": "Give the passkey a name, like the device that keeps it.",
            "max_length": "Give the passkey a name of at most 60 characters.",
        },
    )
    answer = forms.CharField(widget=forms.HiddenInput, required=False, max_length=20_000)
