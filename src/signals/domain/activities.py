"""Named things done with a customer that rules ask about: calls, reviews, sessions, documents (catalogue 12.5).

An ``activity_logged`` event carries one of these names; a name that stands in no table is ignored. Facts follow:
``done.<name>`` is when it was last done, ``first_done.<name>`` when first; null when it never was.
"""

from collections.abc import Mapping

ACTIVITIES: Mapping[str, str] = {
    "kickoff_held": "kickoff call held",
    "settings_reviewed": "settings reviewed with the customer",
    "feedback_session": "feedback session held or booked",
    "trial_wrapup_booked": "wrap-up call of a trial booked or held",
    "product_introduced": "a complementary product shown",
    "tester_feedback": "feedback of the testers collected",
    "criteria_validation": "success criteria looked at with the customer",
    "criteria_confirmed": "success criteria confirmed as met",
    "procurement_started": "procurement or legal in motion",
    "quote_sent": "quote sent",
    "order_form_sent": "order form sent",
    "qbr_held": "quarterly business review held",
    "training_held": "training session held",
    "on_site_visit": "visit on site",
    "health_check": "implementation health check done",
    "onboarding_message": "onboarding message sent",
    "onboarding_call_booked": "onboarding call booked",
    "account_plan_updated": "account plan note written or refreshed",
    "recovery_call": "recovery call held",
    "recovery_plan_shared": "dated recovery plan shared with the customer",
    "recovery_checkin": "weekly check-in of an account at risk",
    "churn_retro": "churn retro posted",
    "replay_privacy_review": "privacy review of recordings",
    "owner_introduced": "new owner introduced to the customer",
    "contact_introduced": "new contact introduced by the champion",
    "champion_thread": "conversation begun by the champion",
    "ticket_praised": "ticket solved to the customer's delight",
    "sales_call": "call with somebody of sales held",
    "customer_launch": "customer brought out a new product, as noted",
    "customer_new_market": "customer entered a new country, as noted",
    "customer_new_model": "customer changed how it sells, as noted",
}
"""Name -> the reader's words."""
