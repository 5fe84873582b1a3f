import "vant/es/empty/style";
import "vant/es/skeleton/style";
import "vant/es/stepper/style";
import "@/shared/styles/tokens.css";
import "./layout/wishes.css";
import urql from "@urql/vue";
import { createApp } from "vue";
import { makeClient } from "@/shared/graphql/client";
import WishesApp from "./layout/WishesApp.vue";
import { router } from "./router";

createApp(WishesApp).use(urql, makeClient()).use(router).mount("#app");
