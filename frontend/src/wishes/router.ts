import { createRouter, createWebHistory } from "vue-router";

export const router = createRouter({
  history: createWebHistory("/wishes/"),
  routes: [
    { path: "/", component: () => import("./list/WishListPage.vue"), meta: { title: "微心愿" } },
    { path: "/w/:id", component: () => import("./wish/WishPage.vue"), props: true, meta: { title: "心愿", back: "/" } },
    { path: "/mine", component: () => import("./gifts/MyGiftsPage.vue"), meta: { title: "我的捐赠" } },
    { path: "/mine/:id", component: () => import("./gifts/TracePage.vue"), props: true, meta: { title: "捐赠去向", back: "/mine" } },
    { path: "/about", component: () => import("./layout/AboutPage.vue"), meta: { title: "说明" } },
    { path: "/:rest(.*)*", redirect: "/" },
  ],
  scrollBehavior: (_to, _from, saved) => saved ?? { top: 0 },
});

router.afterEach((to) => {
  document.title = `${String(to.meta.title)} · 1798 一起救吧`;
});
