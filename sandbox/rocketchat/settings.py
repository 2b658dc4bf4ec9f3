"""Settings of the workspace, with the defaults of a fresh server."""

from collections.abc import Mapping
from datetime import datetime

from sandbox.rocketchat.model import Document

PUBLIC_DEFAULTS: Mapping[str, object] = {
    "API_Default_Count": 50,
    "API_Embed": True,
    "API_Enable_CORS": True,
    "API_Upper_Count_Limit": 100,
    "Accounts_AllowAnonymousRead": False,
    "Accounts_LoginExpiration": 90,
    "Discussion_enabled": True,
    "E2E_Allow_Unencrypted_Messages": False,
    "E2E_Enable": False,
    "FileUpload_Enabled": True,
    "FileUpload_Enabled_Direct": True,
    "FileUpload_MaxFileSize": 104857600,
    "FileUpload_MediaTypeBlackList": "image/svg+xml",
    "FileUpload_MediaTypeWhiteList": "",
    "FileUpload_ProtectFiles": True,
    "FileUpload_Restrict_to_room_members": True,
    "Hide_System_Messages": [],
    "Language": "en",
    "Message_AllowDeleting": True,
    "Message_AllowDeleting_BlockDeleteInMinutes": 0,
    "Message_AllowEditing": True,
    "Message_AllowEditing_BlockEditInMinutes": 0,
    "Message_AllowPinning": True,
    "Message_AllowStarring": True,
    "Message_AllowUnrecognizedSlashCommand": False,
    "Message_ErasureType": "Delete",
    "Message_MaxAllowedSize": 5000,
    "Message_MaxAll": 0,
    "Message_ShowDeletedStatus": False,
    "Presence_broadcast_disabled": False,
    "Site_Name": "Rocket.Chat",
    "Site_Url": "",
    "Threads_enabled": True,
    "UI_Use_Real_Name": False,
    "UTF8_Channel_Names_Validation": "[0-9a-zA-Z-_.]+",
    "UTF8_User_Names_Validation": "[0-9a-zA-Z-_.]+",
}

PRIVATE_DEFAULTS: Mapping[str, object] = {
    "API_Allow_Infinite_Count": True,
    "API_Enable_Direct_Message_History_EndPoint": False,
    "API_Enable_Rate_Limiter": True,
    "API_Enable_Rate_Limiter_Limit_Calls_Default": 10,
    "API_Enable_Rate_Limiter_Limit_Time_Default": 60000,
    "DDP_Rate_Limit_Connection_By_Method_Enabled": True,
    "DDP_Rate_Limit_Connection_By_Method_Interval_Time": 10000,
    "DDP_Rate_Limit_Connection_By_Method_Requests_Allowed": 10,
    "DDP_Rate_Limit_Connection_Enabled": True,
    "DDP_Rate_Limit_Connection_Interval_Time": 60000,
    "DDP_Rate_Limit_Connection_Requests_Allowed": 600,
    "DDP_Rate_Limit_IP_Enabled": True,
    "DDP_Rate_Limit_IP_Interval_Time": 60000,
    "DDP_Rate_Limit_IP_Requests_Allowed": 120000,
    "DDP_Rate_Limit_User_By_Method_Enabled": True,
    "DDP_Rate_Limit_User_By_Method_Interval_Time": 10000,
    "DDP_Rate_Limit_User_By_Method_Requests_Allowed": 20,
    "DDP_Rate_Limit_User_Enabled": True,
    "DDP_Rate_Limit_User_Interval_Time": 60000,
    "DDP_Rate_Limit_User_Requests_Allowed": 1200,
    "Message_CustomFields_Enabled": False,
}


class Settings:
    """All settings by their identifier.

    Raises:
        KeyError: at construction, for a setting the server does not have: a
            misspelt one would silently change nothing.
    """

    def __init__(self, given: Mapping[str, object], now: datetime) -> None:
        self._values: dict[str, object] = {**PRIVATE_DEFAULTS, **PUBLIC_DEFAULTS}
        self._changed_at = dict.fromkeys(self._values, now)
        for key, value in given.items():
            if key not in self._values:
                raise KeyError(f"there is no setting {key!r}")
            self._values[key] = value

    def __contains__(self, key: str) -> bool:
        return key in self._values

    def get(self, key: str) -> object:
        """Return the value; KeyError for a setting that does not exist."""
        return self._values[key]

    def on(self, key: str) -> bool:
        """Tell whether a switch is on."""
        return bool(self._values[key])

    def number(self, key: str) -> int:
        """Return a number."""
        return int(str(self._values[key]))

    def text(self, key: str) -> str:
        """Return a text."""
        return str(self._values[key])

    def texts(self, key: str) -> list[str]:
        """Return a list of texts."""
        value = self._values[key]
        return [str(item) for item in value] if isinstance(value, list) else []

    def accepts(self, key: str, value: object) -> bool:
        """Tell whether a value is of the kind the setting has."""
        if isinstance(value, list):
            value = value if all(isinstance(item, str) for item in value) else None
        return type(value) is type({**PRIVATE_DEFAULTS, **PUBLIC_DEFAULTS}[key])

    def set(self, key: str, value: object, now: datetime) -> None:
        """Change a setting; KeyError for one that does not exist."""
        if key not in self._values:
            raise KeyError(key)
        self._values[key] = value
        self._changed_at[key] = now

    def is_public(self, key: str) -> bool:
        """Tell whether anybody may read it."""
        return key in PUBLIC_DEFAULTS

    def documents(self, *, public: bool) -> list[Document]:
        """Return the settings by name, the public ones or all."""
        return [
            {
                "_id": key,
                "value": self._values[key],
                "type": _kind(self._values[key]),
                "public": key in PUBLIC_DEFAULTS,
                "_updatedAt": self._changed_at[key],
            }
            for key in sorted(self._values)
            if not public or key in PUBLIC_DEFAULTS
        ]


def _kind(value: object) -> str:
    if isinstance(value, bool):
        return "boolean"
    if isinstance(value, int):
        return "int"
    return "multiSelect" if isinstance(value, list) else "string"
