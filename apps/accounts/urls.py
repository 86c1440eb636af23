"""Pages of the accounts app."""

from django.urls import URLPattern, URLResolver, path

from apps.accounts.views import demo, enrol, oidc, own, passkeys, recipients, register, sign_in

app_name = "accounts"
urlpatterns: list[URLPattern | URLResolver] = [
    path("sign-in/", sign_in.sign_in, name="sign_in"),
    path("sign-on/", oidc.begin, name="oidc_begin"),
    path("sign-on/back/", oidc.back, name="oidc_back"),
    path("factor/", sign_in.factor, name="factor"),
    path("recovery/", sign_in.recovery, name="recovery"),
    path("email-code/", sign_in.email_code, name="email_code"),
    path("email-code/again/", sign_in.email_code_again, name="email_code_again"),
    path("sign-out/", sign_in.sign_out, name="sign_out"),
    path("invitation/<str:token>/", enrol.invitation, name="invitation"),
    path("register/", register.register, name="register"),
    path("register/sent/", register.registered, name="registered"),
    path("register/<str:token>/", register.register_finish, name="register_finish"),
    path("enrol/", enrol.enrol, name="enrol"),
    path("step-up/", own.step_up, name="step_up"),
    path("", own.profile, name="profile"),
    path("password/", own.password, name="password"),
    path("factors/", own.own_factors, name="factors"),
    path("factors/codes/", enrol.new_codes, name="new_codes"),
    path("factors/passkeys/add/", passkeys.passkey_add, name="passkey_add"),
    path("factors/passkeys/<uuid:uuid>/revoke/", passkeys.passkey_retire_own, name="passkey_retire"),
    path("factors/replace/", enrol.replace, name="replace"),
    path("factors/replace/confirm/", enrol.replace_confirm, name="replace_confirm"),
    path("export-key/", recipients.export_key, name="export_key"),
    path("export-key/revoke/", recipients.export_key_revoke, name="export_key_revoke"),
    path("sessions/", own.own_sessions, name="sessions"),
    path("sessions/end-others/", own.sessions_end_others, name="sessions_end_others"),
    path("sessions/<uuid:uuid>/end/", own.session_end, name="session_end"),
    path("demo/<str:handle>/", demo.fill_in, name="demo"),
]
