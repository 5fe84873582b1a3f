"""Reading projects and wishes."""

from datetime import date

from django.db.models import Case, Q, QuerySet, Value, When

from kernel import clock
from kernel.access import Actor
from organisations.selectors import certificate_of
from projects import rules
from projects.models import Project, Wish


def projects_open(on: date | None = None) -> QuerySet[Project]:
    """Projects that run on a day (today), by name; they are public."""
    day = on or clock.today()
    return (
        Project.objects.filter(state=Project.State.OPEN, opens_on__lte=day, closes_on__gte=day)
        .select_related("brand", "organisation", "region")
        .order_by("name", "id")
    )


def projects_visible_to(actor: Actor) -> QuerySet[Project]:
    """Projects of the actor's organisations, those in his region, and all that were opened."""
    scope = Q(organisation_id__in=actor.organisation_ids) | Q(state__in=["open", "ended"])
    for path in actor.region_paths:
        scope |= Q(region__path__startswith=path)
    return (
        Project.objects.filter(scope)
        .select_related("brand", "organisation", "region")
        .order_by("-recorded_at", "id")
    )


def wishes_public() -> QuerySet[Wish]:
    """Wishes that a visitor may claim, the longest waiting first, so that none is left behind."""
    return (
        Wish.objects.filter(state=Wish.State.PUBLISHED, published_at__isnull=False)
        .select_related("project__brand", "organisation")
        .order_by("published_at", "id")
    )


def wishes_visible_to(actor: Actor) -> QuerySet[Wish]:
    """Wishes of the actor's region or organisations, newest first."""
    scope = Q(organisation_id__in=actor.organisation_ids)
    for path in actor.region_paths:
        scope |= Q(region__path__startswith=path)
    return (
        Wish.objects.filter(scope)
        .select_related("project__brand", "organisation", "region")
        .order_by("-recorded_at", "id")
    )


def can_take_public_payment(project: Project, on: date) -> tuple[bool, str]:
    """Whether anyone may pay into the project on a day; if not, the reason in Chinese."""
    return rules.public_payment(
        has_certificate=certificate_of(project.organisation, on) is not None,
        filing_number=project.filing_number,
        platform_link=project.platform_link,
    )


def next_like(wish: Wish) -> Wish | None:
    """The open wish of the same purpose that is nearest: same village, township, county, city."""
    like = wishes_public().exclude(pk=wish.pk).filter(project__purpose=wish.project.purpose)
    path = wish.region.path
    while path.strip("/"):
        if found := like.filter(region__path__startswith=path).first():
            return found
        path = path.rstrip("/").rpartition("/")[0] + "/"
    return like.first()


def projects_worked_on_by(actor: Actor) -> QuerySet[Project]:
    """Projects that the actor's organisations run, or that reach into his regions; newest first."""
    scope = Q(organisation_id__in=actor.organisation_ids)
    for path in actor.region_paths:
        above = ["/" + "/".join(path.split("/")[1:n]) + "/" for n in range(2, path.count("/") + 1)]
        scope |= Q(region__path__startswith=path) | Q(region__path__in=above)
    return (
        Project.objects.filter(scope)
        .select_related("brand__lead", "organisation__region", "organisation__parent", "region")
        .order_by("-recorded_at", "id")
    )


def wishes_in_full(actor: Actor) -> QuerySet[Wish]:
    """The wishes of the actor's work with delivery and outcome, for whole pages."""
    return wishes_visible_to(actor).select_related("delivery", "outcome")


def wishes_shown() -> QuerySet[Wish]:
    """What any visitor sees: wishes once published, those still open first, then the others."""
    return (
        Wish.objects.filter(published_at__isnull=False)
        .exclude(state=Wish.State.WITHDRAWN)
        .select_related("project__brand", "organisation__parent", "organisation__region", "outcome")
        .order_by(
            Case(When(state=Wish.State.PUBLISHED, then=Value(0)), default=Value(1)),
            "published_at",
            "id",
        )
    )
