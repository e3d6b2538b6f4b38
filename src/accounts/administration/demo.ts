// What the people of the demo school say of themselves, and their classes.
import { changeUser, type UserChange } from "../../users/profile/change.js";
import type { DemoPerson, DemoStep } from "../demo.js";

const profiles: Readonly<Record<DemoPerson, UserChange>> = {
  teacher: {
    nick: "maria.ivanova",
    patronymic_name: "Сергеевна",
    about: "Учу математике в десятых классах. Вопросы по домашней работе: до девяти вечера.",
    telegram: "https://t.me/maria_ivanova_math",
    stepik: "https://stepik.org/users/1000001",
    tech_stack: ["GeoGebra", "LaTeX", "Python"],
  },
  petr: {
    nick: "petr",
    patronymic_name: "Андреевич",
    school_class: 10,
    about: "Решаю задачи и записываю разговоры.",
    github: "https://github.com/petr-sokolov-demo",
    tech_stack: ["TypeScript", "Kotlin"],
  },
  alyona: {
    nick: "alyona_k",
    patronymic_name: "Игоревна",
    school_class: 10,
    telegram: "https://t.me/alyona_k_demo",
    kaggle: "https://www.kaggle.com/alyona-k-demo",
    tech_stack: ["Python", "pandas", "Blender"],
  },
  tom: {
    nick: "Tom",
    school_class: 10,
    about: "Robots, cameras, and slow Russian.",
    website: "https://tom.example.org/",
    tech_stack: ["C++", "ROS"],
  },
  grace: {
    nick: "grace-m",
    school_class: 11,
    about: "I edit the school newspaper.",
    github: "https://github.com/grace-miller-demo",
    tech_stack: ["Markdown", "Go"],
  },
};

/** Gives each person of the demo school a profile. */
export const demoProfiles: DemoStep = async (as) => {
  for (const [person, change] of Object.entries(profiles) as [DemoPerson, UserChange][]) {
    const { database, user } = as(person);
    await database.transaction((queries) => changeUser(queries, user.id, change));
  }
};
