"""Pages of the approval app."""

from django.urls import URLPattern, URLResolver, path

from apps.approval.views import deciding, memos, offers, policies, reviews

app_name = "approval"
urlpatterns: list[URLPattern | URLResolver] = [
    path("policy/", memos.policy, name="policy"),
    path("policies/", policies.policies, name="policies"),
    path("policies/new/", policies.policy_new, name="policy_new"),
    path("policies/publish/", policies.policy_publish, name="policy_publish"),
    path("policies/conditions/", policies.templates, name="templates"),
    path("policies/conditions/new/", policies.template_add, name="template_add"),
    path("policies/conditions/<slug:code>/use/", policies.template_use, name="template_use"),
    path("policies/<int:version>/", policies.policy_version, name="policy_version"),
    path("<slug:number>/", memos.memo, name="memo"),
    path("<slug:number>/memos/", memos.memos, name="memos"),
    path("<slug:number>/memos/<int:memo_number>/", memos.memo_numbered, name="memo_numbered"),
    path("<slug:number>/refresh/", memos.refresh, name="refresh"),
    path("<slug:number>/conditions/add/", memos.condition_add, name="condition_add"),
    path("<slug:number>/conditions/<int:condition_id>/remove/", memos.condition_remove, name="condition_remove"),
    path("<slug:number>/sign/", deciding.sign, name="sign"),
    path("<slug:number>/decline/", deciding.decline, name="decline"),
    path("<slug:number>/refer/", deciding.refer, name="refer"),
    path("<slug:number>/return/", deciding.send_back, name="return"),
    path("<slug:number>/amend/", deciding.amend, name="amend"),
    path("<slug:number>/revoke/", deciding.revoke, name="revoke"),
    path("<slug:number>/offer/", offers.offer, name="offer"),
    path("<slug:number>/offer/accept/", offers.accept, name="accept"),
    path("<slug:number>/offer/negotiate/", offers.negotiate, name="negotiate"),
    path("<slug:number>/reviews/<int:review_id>/", reviews.review, name="review"),
    path("<slug:number>/letters/<int:letter_id>/", offers.letter, name="letter"),
]
