"""Pages of the credit_review app."""

from django.urls import URLPattern, URLResolver, path

from apps.credit_review.views import deciding, entering, overview

app_name = "credit_review"
urlpatterns: list[URLPattern | URLResolver] = [
    path("<str:number>/", overview.review, name="review"),
    path("<str:number>/statements/", entering.statements, name="statements"),
    path("<str:number>/bureau/", entering.bureau, name="bureau"),
    path("<str:number>/guarantors/", entering.guarantor_add, name="guarantor_add"),
    path("<str:number>/guarantors/<int:guarantor>/seen/", overview.guarantor_seen, name="guarantor_seen"),
    path("<str:number>/guarantors/<int:guarantor>/end/", overview.guarantor_end, name="guarantor_end"),
    path("<str:number>/alerts/look/", overview.alerts_raise, name="alerts_raise"),
    path("<str:number>/alerts/", entering.alert_note, name="alert_note"),
    path("<str:number>/alerts/<int:alert>/", entering.alert_explain, name="alert_explain"),
    path("<str:number>/score/", overview.score, name="score"),
    path("<str:number>/recommendation/", deciding.recommendation, name="recommendation"),
    path("<str:number>/recommend/", deciding.recommend, name="recommend"),
    path("<str:number>/decline/", deciding.decline, name="decline"),
]
