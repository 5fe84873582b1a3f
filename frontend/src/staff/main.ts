import "element-plus/dist/index.css";
import "@/shared/styles/tokens.css";
import "./layout/staff.css";
import urql from "@urql/vue";
import { createApp } from "vue";
import { makeClient } from "@/shared/graphql/client";
import StaffApp from "./layout/StaffApp.vue";
import { router } from "./router";

createApp(StaffApp).use(urql, makeClient()).use(router).mount("#app");
