import { createRouter, createWebHistory, type RouteRecordRaw } from "vue-router";

/** needs: any of these permissions shows the page in the menu. */
declare module "vue-router" {
  interface RouteMeta {
    title: string;
    menu?: string;
    /** What one does there, for those whose dashboard lists their pages. */
    hint?: string;
    needs?: string[];
  }
}

export const routes: RouteRecordRaw[] = [
  { path: "/", component: () => import("./dashboard/DashboardPage.vue"), meta: { title: "工作台", menu: "工作台" } },
  {
    path: "/proposals",
    component: () => import("./proposals/ProposalListPage.vue"),
    meta: { title: "匹配建议", menu: "匹配建议", needs: ["match.view"] },
  },
  {
    path: "/runs",
    component: () => import("./runs/RunPage.vue"),
    meta: { title: "运行匹配", menu: "运行匹配", needs: ["match.run"] },
  },
  {
    path: "/households",
    component: () => import("./households/HouseholdListPage.vue"),
    meta: { title: "家庭档案", menu: "家庭档案", needs: ["household.view"] },
  },
  {
    path: "/households/:id",
    component: () => import("./households/HouseholdPage.vue"),
    props: true,
    meta: { title: "家庭档案", needs: ["household.view"] },
  },
  {
    path: "/wishes/screen",
    component: () => import("./wishes/WishQueuePage.vue"),
    props: { kind: "screen" },
    meta: { title: "心愿初审", menu: "心愿初审", needs: ["wish.screen"] },
  },
  {
    path: "/wishes/verify",
    component: () => import("./wishes/WishQueuePage.vue"),
    props: { kind: "verify" },
    meta: { title: "心愿核实", menu: "心愿核实", needs: ["wish.verify"] },
  },
  {
    path: "/projects",
    component: () => import("./projects/ProjectListPage.vue"),
    meta: { title: "慈善项目", menu: "慈善项目", hint: "发布、备案、开放项目", needs: ["project.edit"] },
  },
  {
    path: "/projects/new",
    component: () => import("./projects/ProjectFormPage.vue"),
    meta: { title: "发布项目", needs: ["project.edit"] },
  },
  {
    path: "/wishes",
    component: () => import("./wishes/WishListPage.vue"),
    meta: { title: "微心愿", menu: "微心愿", hint: "登记、发布、送达、回访", needs: ["wish.publish"] },
  },
  {
    path: "/wishes/new",
    component: () => import("./wishes/WishFormPage.vue"),
    meta: { title: "登记心愿", needs: ["wish.draft"] },
  },
  {
    path: "/imports",
    component: () => import("./imports/ImportPage.vue"),
    meta: { title: "数据导入", menu: "数据导入", hint: "按模板上传 Excel，先试运行", needs: ["batch.view", "batch.import"] },
  },
  {
    path: "/imports/:id",
    component: () => import("./imports/BatchPage.vue"),
    props: true,
    meta: { title: "导入批次", needs: ["batch.view", "batch.import"] },
  },
  {
    path: "/meetings",
    component: () => import("./meetings/MeetingListPage.vue"),
    meta: { title: "联席会议", menu: "联席会议", needs: ["meeting.view"] },
  },
  {
    path: "/meetings/:id",
    component: () => import("./meetings/MeetingPage.vue"),
    props: true,
    meta: { title: "联席会议", needs: ["meeting.view"] },
  },
  { path: "/:rest(.*)*", component: () => import("./layout/NotFoundPage.vue"), meta: { title: "没有此页" } },
];

/** Return the pages of the menu for somebody of these permissions. */
export const menuFor = (can: (...wanted: string[]) => boolean): RouteRecordRaw[] =>
  routes.filter((each) => each.meta?.menu && (!each.meta.needs || can(...each.meta.needs)));

export const router = createRouter({
  history: createWebHistory("/staff/"),
  routes,
  scrollBehavior: (_to, _from, saved) => saved ?? { top: 0 },
});

router.afterEach((to) => {
  document.title = `${to.meta.title} · 1798 一起救吧`;
});
