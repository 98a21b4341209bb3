"""The form of a person's own settings."""

from django import forms

from foundation.forms import ActForm


class SettingsForm(ActForm):
    """What a person chooses for her own work."""

    clock_on_chart = forms.BooleanField(
        label="Opening a chart starts my clock",
        required=False,
        help_text="After 5 seconds in which you can say no. It never starts beside another running clock, or beside a "
        "session with this patient that you have not signed. Silence is asked about as always.",
    )
    video_room = forms.URLField(
        label="My video room",
        required=False,
        assume_scheme="https",
        max_length=200,
        help_text="The address of your room, like https://video.example/rosa. “Video” on a chart opens it.",
        error_messages={
            "invalid": "The video room must be an address, like https://video.example/rosa.",
            "max_length": "The address of the video room must be 200 characters or less.",
        },
    )

    def clean_video_room(self) -> str:
        room = self.cleaned_data["video_room"]
        if room and not room.startswith("https://"):
            raise forms.ValidationError("The video room must be an address that begins with https://.")
        return room
