from django import forms
from django.contrib.auth.forms import AuthenticationForm


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
